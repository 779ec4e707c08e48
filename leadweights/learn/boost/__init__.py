"""Small trees learnt jointly with the weights: splits by boosting, values by one regression."""
